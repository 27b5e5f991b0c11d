// save-state
