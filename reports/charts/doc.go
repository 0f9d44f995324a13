// Package charts draws figures: as SVG for the page, and as PNG.
//
// In every chart right is worse, for every metric, and dots are fresh starts. A chart
// without data is nil.
package charts
