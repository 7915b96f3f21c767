"""What tests share and that is no test itself."""
