package incident

// Counts is the severity that counts for what an incident leaves behind: the highest ever confirmed, or the present one where none has to be
// confirmed; zero where none counts.
func (s State) Counts() Severity { return s.counts() }
