package host

import "slices"

// coresToPin is the least number of cores with which the generator gets its own.
const coresToPin = 4

// core is one logical processor; those of one physical core share its number.
type core struct {
	id, physical int
}

// Cores plans who runs where: a quarter of the physical cores, at least one, and
// the last ones, for the generator, and all others for the servers. Hyperthreads
// of one core stay together. At most n of the processors that this process may
// use are planned with; n = 0 means all of them. With fewer than 4, or where
// processes cannot be pinned, both sets are nil and nothing is to be pinned.
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
		return nil, nil // hyperthreads of one core would not be the generator's own
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
