"""The compute of chapter 5: where a picture was taken from."""
