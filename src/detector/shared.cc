// The shared library has no code of its own: it is the static libraries of src in one file.
