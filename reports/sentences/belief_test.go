package sentences

import (
	"testing"
)

func TestSizesAsTheProfileHasThem(t *testing.T) {
	for bytes, want := range map[float64]string{1024: "1 KiB", 65536: "64 KiB", 1 << 20: "1 MiB", 1000: "1.00 kB", 1536: "1.54 kB"} {
		if got := binary(bytes); got != want {
			t.Errorf("%v bytes: %s, want %s", bytes, got, want)
		}
	}
}
