package render

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// ComparisonDocument is the one object that CompareJSON writes.
type ComparisonDocument struct {
	Version int `json:"version"`
	*figures.Comparison
}

// CompareJSON writes the comparison as one object, ended by a line feed.
func CompareJSON(w io.Writer, c *figures.Comparison) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(ComparisonDocument{DocumentVersion, c}); err != nil {
		return fmt.Errorf("compare json: %w", err)
	}
	return nil
}

// CompareCSV writes one line per row and run, with a header. The change is the run's value
// over the first run's; field makes a name safe for a spreadsheet.
func CompareCSV(w io.Writer, c *figures.Comparison, field func(string) string) error {
	lines := [][]string{{"run", "metric", "unit", "better", "phase", "workload", "target", "value_is", "value", "value_low", "value_high",
		"change", "change_low", "change_high"}}
	for _, r := range c.Rows {
		is := "penalty"
		if r.Absolute {
			is = "value"
		}
		for i, v := range r.Values {
			var change *stats.Estimate
			if i > 0 {
				change = r.Changes[i-1]
			}
			lines = append(lines, slices.Concat([]string{field(words.Plain(c.Labels[i])), r.Metric, r.Unit, string(r.Better), field(words.Plain(r.Phase)),
				field(words.Plain(r.Workload)), field(words.Plain(r.Target)), is}, estimateFields(v), estimateFields(change)))
		}
	}
	return writeCSV(w, lines)
}

// GateCSV writes one line per metric of the verdict, with a header; field makes a name safe
// for a spreadsheet.
func GateCSV(w io.Writer, v *gate.Verdict, field func(string) string) error {
	lines := [][]string{{"gate_outcome", "metric", "unit", "better", "phase", "workload", "target", "outcome", "advisory", "fresh_starts", "rate_per_second",
		"margin_share", "base", "base_low", "base_high", "value", "value_low", "value_high", "ratio", "ratio_low", "ratio_high", "why"}}
	for _, m := range v.Metrics {
		lines = append(lines, slices.Concat([]string{string(v.Outcome), m.Metric, m.Unit, string(m.Better), field(words.Plain(m.Phase)), field(words.Plain(m.Workload)),
			field(words.Plain(m.Target)), string(m.Outcome), strconv.FormatBool(m.Advisory), strconv.Itoa(m.Launches), exact(m.Rate), exact(m.Margin)},
			estimateFields(m.Base), estimateFields(m.Other), estimateFields(m.Ratio), []string{field(words.Plain(m.Why))}))
	}
	if len(v.Metrics) == 0 { // an invalid measurement has no row of its own
		for _, why := range v.Reasons {
			line := make([]string, len(lines[0]))
			line[0], line[len(line)-1] = string(v.Outcome), field(words.Plain(why))
			lines = append(lines, line)
		}
	}
	return writeCSV(w, lines)
}

// estimateFields returns a value and the ends of its interval; what is missing is empty.
func estimateFields(e *stats.Estimate) []string {
	switch {
	case e == nil:
		return []string{"", "", ""}
	case e.Interval == nil:
		return []string{exact(e.Value), "", ""}
	}
	return []string{exact(e.Value), exact(e.Interval.Low), exact(e.Interval.High)}
}

// exact writes a number that reads back as itself.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func writeCSV(w io.Writer, lines [][]string) error {
	if err := csv.NewWriter(w).WriteAll(lines); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}
