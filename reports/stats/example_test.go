package stats_test

import (
	"fmt"

	"ancmbench/reports/stats"
)

func ExamplePlan_Follow() {
	// Log ratios of head over base, one per fresh start: some 8 % worse.
	logs := []float64{0.081, 0.069, 0.090, 0.077, 0.066, 0.084, 0.079, 0.074, 0.088, 0.071}
	decision, looks, err := stats.Plan{}.Follow(logs, 0.05)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decision, "after", looks[len(looks)-1].Launches)
	// Output: worse after 6
}
