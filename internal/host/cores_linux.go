package host

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// usableCores returns the processors that this process may use, in order.
func usableCores() ([]core, error) {
	ids, err := affinity()
	if err != nil {
		return nil, err
	}
	return physicalCores(root(), ids)
}

// physicalCores groups processors by the list of their siblings. If the system has no such
// list, each processor is a group of its own.
func physicalCores(fsys fs.FS, ids []int) ([]core, error) {
	out := make([]core, 0, len(ids))
	for _, id := range ids {
		physical := id
		name := fmt.Sprintf("sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", id)
		text, err := word(fsys, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			// "0,8" or "0-1": the first number identifies the physical core.
			first := text
			if i := strings.IndexAny(text, ",-"); i >= 0 {
				first = text[:i]
			}
			physical, err = strconv.Atoi(first)
			if err != nil {
				return nil, fmt.Errorf("siblings of processor %d: %w", id, err)
			}
		}
		out = append(out, core{id: id, physical: physical})
	}
	return out, nil
}
