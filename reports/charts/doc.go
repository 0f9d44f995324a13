// Package charts draws figures: as SVG for the page, and as PNG.
//
// In every chart right is worse, whichever way the metric runs, and dots are fresh
// starts. A chart that has nothing to show is nil.
package charts
