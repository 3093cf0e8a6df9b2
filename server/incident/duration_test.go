package incident

import "testing"

func TestFormatDuration(t *testing.T) {
	const second, minute, hour, day = int64(1000), int64(60_000), int64(3_600_000), int64(86_400_000)
	for ms, want := range map[int64]string{
		-5 * day:                          "< 1m",
		0:                                 "< 1m",
		59*second + 499:                   "< 1m",
		59*second + 500:                   "1m",
		minute:                            "1m",
		minute + 59*second:                "1m",
		59*minute + 59*second:             "59m",
		59*minute + 59*second + 500:       "1h",
		hour:                              "1h",
		hour + minute:                     "1h 1m",
		23*hour + 59*minute + 59*second:   "23h 59m",
		24*hour - 500:                     "1d",
		day:                               "1d",
		day + 59*second:                   "1d",
		day + minute:                      "1d 1m",
		day + 2*hour:                      "1d 2h",
		day + 2*hour + 5*minute + second:  "1d 2h 5m",
		100*day + 23*hour + 59*minute:     "100d 23h 59m",
		20_000*day + 1*hour + 30*second/2: "20000d 1h",
	} {
		if got := FormatDuration(ms); got != want {
			t.Errorf("FormatDuration(%d) = %q, want %q", ms, got, want)
		}
	}
}
