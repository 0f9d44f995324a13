package main

import (
	"errors"
	"fmt"
	"strings"

	"ancmbench/profiles"
)

// parseRate reads requests per second as a person types them, for every command alike:
// 500, 2k, 1M, 500/s, 600/m.
func parseRate(s string) (float64, error) {
	text, per := s, 1.0
	switch {
	case strings.HasSuffix(s, "/s"):
		text = strings.TrimSuffix(s, "/s")
	case strings.HasSuffix(s, "/m"):
		text, per = strings.TrimSuffix(s, "/m"), 60
	}
	v, err := scaled(text)
	if err != nil || v/per < leastRate || v > mostRate {
		return 0, errors.New("want a rate above 0, as 500, 2k or 600/m")
	}
	return v / per, nil
}

// parseRateOrAuto reads a rate, or auto as 0: then it is taken from measured headroom.
func parseRateOrAuto(s string) (float64, error) {
	if s == "auto" {
		return 0, nil
	}
	v, err := parseRate(s)
	if err != nil {
		return 0, fmt.Errorf("%w, or auto", err)
	}
	return v, nil
}

// scaled reads a number with k for thousands and M for millions.
func scaled(s string) (float64, error) {
	factor := 1.0
	switch {
	case strings.HasSuffix(s, "k"):
		s, factor = strings.TrimSuffix(s, "k"), 1e3
	case strings.HasSuffix(s, "M"):
		s, factor = strings.TrimSuffix(s, "M"), 1e6
	}
	v, err := finite(s)
	return v * factor, err
}

// parseShare reads a percentage as profiles do, and holds it to what a margin or a
// precision may be.
func parseShare(s string) (float64, error) {
	v, err := profiles.ParseShare(s)
	if err != nil || v <= 0 || v >= 1 {
		return 0, errors.New("want a share above 0 % and below 100 %, as 5%")
	}
	return v, nil
}
