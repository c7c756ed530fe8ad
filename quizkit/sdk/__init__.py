"""The client side: targets, administration, live sessions, deployment, file formats."""
