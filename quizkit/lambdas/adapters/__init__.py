"""One adapter a vendor; vendor exceptions stop here."""
