"""Forms, made from the declaration of parameters."""
