// A table that is wider than the screen is moved sideways: with the keyboard too, where a browser does not do so by itself.

for (const table of document.querySelectorAll(".prose table")) {
  if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
}
