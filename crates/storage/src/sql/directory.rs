//! Statements about the directory; see `facts` for what decides.
