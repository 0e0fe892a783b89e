"""What staff may do from a row's page: asked first, with all amounts that it would make, and then done."""
