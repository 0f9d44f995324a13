package fleet

import (
	"testing"
	"time"

	"ancmbench/experiment/targets"
	"ancmbench/models"
)

// Pauses of collectors are moved by what the clocks are apart, and an instant that is not
// known stays so.
func TestMovePauses(t *testing.T) {
	at := time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC)
	kept := []models.Pause{{End: at, Length: time.Millisecond}}
	c := targets.Costs{Pauses: []models.Runtime{{Pauses: kept, PausesFrom: at}, {}}}
	movePauses(&c, -3*time.Second)
	if got := c.Pauses[0]; !got.PausesFrom.Equal(at.Add(-3*time.Second)) || !got.Pauses[0].End.Equal(at.Add(-3*time.Second)) || got.Pauses[0].Length != time.Millisecond {
		t.Errorf("moved to %+v", got)
	}
	if !c.Pauses[1].PausesFrom.IsZero() || !kept[0].End.Equal(at) {
		t.Errorf("from %v, and the caller's is at %v", c.Pauses[1].PausesFrom, kept[0].End)
	}
}
