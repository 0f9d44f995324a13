package charts

import (
	"testing"

	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
)

// The table of the chart over time has a row for each target and fresh start, and of very many
// fresh starts one for each target.
func TestTimelineTable(t *testing.T) {
	for launches, want := range map[int][]string{6: {"1", "in-process"}, 60: {"all 60", "in-process"}} {
		scene := example.Models()
		scene.Launches, scene.Samples = launches, 800
		a, err := figures.Analyse(scene.Run())
		if err != nil {
			t.Fatal(err)
		}
		f := OverTime(a)
		rows := map[int]int{6: 12, 60: 2}[launches]
		if len(f.Table.Rows) != rows || f.Table.Rows[0][0] != want[0] || f.Table.Rows[0][1] != want[1] || len(f.Table.Rows[0]) != len(f.Table.Head) {
			t.Errorf("%d fresh starts: %d rows, the first %q under %q", launches, len(f.Table.Rows), f.Table.Rows[0], f.Table.Head)
		}
	}
}
