"""What people see, made from documents and events; nothing here reads or waits."""
