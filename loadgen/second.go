package loadgen

import (
	"math"
	"math/bits"
	"time"

	"ancmbench"
)

// secondCounts counts the response times of one second. Its buckets are 64 ns wide up to
// 4 us, and then 32 to each doubling, so a quantile is right to 2 %. That takes 4 kB a
// second, a fiftieth of an HDR histogram, and adding takes one increment.
type secondCounts [secondBuckets]uint32

const (
	secondUnit    = 6                                          // log2 of 64 ns
	secondSub     = 5                                          // log2 of 32
	secondBuckets = (43 - secondUnit - secondSub) << secondSub // up to 2^42 ns, over an hour
	// preparedSeconds is how many seconds get their memory before the load: 1 MB. Those
	// after them get theirs when they begin.
	preparedSeconds = 256
	// mostQuantiles is from when on seconds have no quantiles: after 15 MB.
	mostQuantiles = 3600
	// mostTail is of how many seconds a p99 is at most: one of more says nothing of its
	// second.
	mostTail = 30
)

// bySecond holds the counts of each second; nil for one in which nothing ended.
type bySecond struct {
	counts []*secondCounts
	free   []secondCounts
}

// prepare takes the memory for that many seconds.
func (b *bySecond) prepare(seconds int) {
	b.counts = make([]*secondCounts, 0, min(seconds, mostQuantiles))
	b.free = make([]secondCounts, min(seconds, preparedSeconds))
}

// add counts a response time in the second in which it ended.
func (b *bySecond) add(done, response time.Duration) {
	if c := b.at(int(done / time.Second)); c != nil {
		c[secondBucket(response)]++
	}
}

// at returns the counts of a second, and nil after mostQuantiles.
func (b *bySecond) at(second int) *secondCounts {
	if second < 0 || second >= mostQuantiles {
		return nil
	}
	for len(b.counts) <= second {
		b.counts = append(b.counts, nil)
	}
	if b.counts[second] == nil {
		if len(b.free) == 0 {
			b.free = make([]secondCounts, 1)
		}
		b.counts[second], b.free = &b.free[0], b.free[1:]
	}
	return b.counts[second]
}

func (b *bySecond) merge(o *bySecond) {
	for second, from := range o.counts {
		if from == nil {
			continue
		}
		b.at(second).merge(from)
	}
}

// fill writes the quantiles of each second into its row. At the usual rates a second has too
// few requests for a p99, so that is of the last seconds up to this one: of as few as it takes.
func (b *bySecond) fill(rows []ancmbench.SecondRow) {
	for i := range min(len(rows), len(b.counts)) {
		if b.counts[i] == nil {
			continue
		}
		rows[i].P50 = b.counts[i].quantile(0.5)
		some := *b.counts[i]
		for first := i; first >= 0 && first > i-mostTail; first-- {
			if first < i && b.counts[first] != nil {
				some.merge(b.counts[first])
			}
			if rows[i].P99 = some.quantile(0.99); rows[i].P99 != nil {
				if first < i {
					rows[i].P99Rows = i - first + 1
				}
				break
			}
		}
	}
}

func (c *secondCounts) merge(o *secondCounts) {
	for i, n := range o {
		c[i] += n
	}
}

// quantile returns nil if fewer than MinBeyond response times lie beyond it.
func (c *secondCounts) quantile(q float64) *ancmbench.Seconds {
	var total int64
	for _, n := range c {
		total += int64(n)
	}
	if float64(total)*(1-q) < ancmbench.MinBeyond-1e-9 {
		return nil
	}
	rank := int64(math.Ceil(q * float64(total)))
	for i, n := range c {
		if rank -= int64(n); rank <= 0 {
			s := ancmbench.Seconds(secondMiddle(i))
			return &s
		}
	}
	return nil
}

// secondBucket returns the place of a response time.
func secondBucket(d time.Duration) int {
	units := uint64(max(d, 0)) >> secondUnit
	doubling := max(bits.Len64(units)-1-secondSub, 0)
	return min(doubling<<secondSub+int(units>>doubling), secondBuckets-1)
}

// secondMiddle returns the middle of a bucket.
func secondMiddle(place int) time.Duration {
	doubling, sub := 0, place
	if place >= 2<<secondSub {
		doubling = place>>secondSub - 1
		sub = place&(1<<secondSub-1) | 1<<secondSub
	}
	width := time.Duration(1) << (doubling + secondUnit)
	return time.Duration(sub)*width + width/2
}
