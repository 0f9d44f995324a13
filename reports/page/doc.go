// Package page has the parts that reports are laid out with: lines, tables, Markdown and drawings.
//
// A Screen wraps text to a width, Markdown collects a document of bounded size, a
// Drawing is an SVG in the making, and a Figure is a drawing with the same figures
// as a table. The package knows layouts and no runs.
package page
