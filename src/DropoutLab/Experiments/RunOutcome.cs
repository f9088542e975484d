namespace DropoutLab.Experiments;

/// <summary>How a run of this start ended.</summary>
/// <param name="Record">What is on the disk.</param>
/// <param name="Reason">What went wrong, or null.</param>
/// <param name="Elapsed">Since its process was started.</param>
/// <param name="Collapse">That it has collapsed and what to try, in one line; null where it has not, or an earlier start has said so.</param>
public sealed record RunOutcome(RunRecord Record, string? Reason, TimeSpan Elapsed, string? Collapse = null);
