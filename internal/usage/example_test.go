package usage_test

import (
	"fmt"
	"os"
	"time"

	"ancmbench/internal/usage"
)

// The CPU of this process around a piece of work, as between two slices.
func ExampleMeter() {
	m, err := usage.NewMeter([]usage.Role{{Name: "generator", PIDs: []int{os.Getpid()}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	before, after := make([]time.Duration, 1), make([]time.Duration, 1)
	if err := m.ReadCPU(before); err != nil {
		fmt.Println(err)
	}
	for i := range 50_000_000 {
		_ = i * i
	}
	if err := m.ReadCPU(after); err != nil {
		fmt.Println(err)
	}
	fmt.Println("the work cost something:", after[0] >= before[0])
	// Output: the work cost something: true
}
