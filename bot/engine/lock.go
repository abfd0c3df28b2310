package engine

import "context"

// lock is a mutex that is waited for no longer than a context lasts: whoever holds one may be waiting for the store, and an input that must
// be answered in two seconds must not wait behind it for longer.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) lock(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	default:
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lock) unlock() { <-l }
