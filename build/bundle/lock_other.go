//go:build !unix

package bundle

// LockFile does nothing.
func LockFile(string) (unlock func(), err error) { return func() {}, nil }
