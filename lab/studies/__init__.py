"""Studies at work: their process, the questions that go to it and the boards that come back."""
