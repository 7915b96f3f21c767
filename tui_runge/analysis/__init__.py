"""What a trained model, its history and other methods tell of a problem. May import the folders below export."""
