"""Pictures: the window that slides over one layer, and networks as figures."""
