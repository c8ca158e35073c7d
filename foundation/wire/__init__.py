"""How a face speaks to programs: shapes of what goes in and out, and the view that uses them."""
