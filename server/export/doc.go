// Package export writes what is known about an incident in forms that other programs and people read.
package export
