package host

import "slices"

// coresToPin is the least number of cores with which the generator gets its own.
const coresToPin = 4

// core is one logical processor; those of one physical core share its number.
type core struct {
	id, physical int
}

// Cores returns which cores the generator and the servers should use. The generator gets
// the last quarter of the physical cores, at least one, and the servers get the others.
// Hyperthreads of one core stay together. It uses at most n of the processors that this
// process may use; n = 0 means all of them. Both sets are nil if there are fewer than 4,
// or if processes cannot be pinned here.
func Cores(n int) (generator, server []int) {
	all, err := usableCores()
	if err != nil {
		return nil, nil
	}
	return planCores(all, n)
}

func planCores(all []core, n int) (generator, server []int) {
	if n > 0 && n < len(all) {
		all = all[:n]
	}
	if len(all) < coresToPin {
		return nil, nil
	}
	var physical []int
	for _, c := range all {
		if !slices.Contains(physical, c.physical) {
			physical = append(physical, c.physical)
		}
	}
	if len(physical) < 2 {
		return nil, nil // the generator would share a physical core with the servers
	}
	slices.Sort(physical)
	own := physical[len(physical)-max(1, len(physical)/4):]
	for _, c := range all {
		if slices.Contains(own, c.physical) {
			generator = append(generator, c.id)
		} else {
			server = append(server, c.id)
		}
	}
	return generator, server
}
