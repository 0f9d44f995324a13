package loadgen

import "math/bits"

// Every random choice is a pure function of a seed, a purpose and a number. So any shard
// can compute any part of a plan, in any order, and gets the same result.

// purpose keeps the draws of one seed apart.
type purpose uint64

const (
	forCount   purpose = iota + 1 // how many arrivals a block holds
	forInstant                    // where they lie in it
	forOrder                      // the order of targets in a group
	forRequest                    // which request of a mix
	forRow                        // which row of its variables
	forPart                       // which generator sends a request
)

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio, odd

// draws is a SplitMix64 sequence.
type draws struct{ state uint64 }

func drawsFor(seed uint64, p purpose, n uint64) draws {
	return draws{mix(mix(mix(seed+golden)+uint64(p)*golden) + n*golden)}
}

func (d *draws) next() uint64 {
	d.state += golden
	return mix(d.state)
}

// unit returns a number uniform in [0,1), with 53 random bits.
func (d *draws) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// below returns an integer uniform in [0,n). The bias of the multiplication is n/2^64.
func (d *draws) below(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// maxTargets limits an order so that it can be kept on the stack.
const maxTargets = 64

// order is a permutation of target indexes.
type order [maxTargets]uint8

// shuffle puts k targets into the random order of group.
func (o *order) shuffle(seed, group uint64, k int) {
	for i := range k {
		o[i] = uint8(i)
	}
	d := drawsFor(seed, forOrder, group)
	for i := k - 1; i > 0; i-- {
		j := d.below(i + 1)
		o[i], o[j] = o[j], o[i]
	}
}
