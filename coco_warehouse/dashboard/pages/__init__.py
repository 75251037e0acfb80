"""The pages, each a function from a reading and the words of its address to what is shown."""
