"""Setting the joints of people in a photo."""
