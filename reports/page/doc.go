// Package page has the building blocks of reports: lines, tables, Markdown and drawings.
//
// A Screen wraps text to a width, Markdown collects a document of bounded size, a
// Drawing is an SVG under construction, and a Figure is a drawing with the same figures
// as a table. The package contains layout only and does not know runs.
package page
