package reports

// Amount writes a value as every report does: three significant digits in a
// unit fit for a person. unit is a Metric's: "seconds", "bytes", "per second".
func Amount(v float64, unit string) string { return amount(v, unit) }
