namespace DropoutLab.Experiments;

/// <summary>How a run of this start ended.</summary>
/// <param name="Record">What is on the disk.</param>
/// <param name="Reason">What went wrong, or null.</param>
/// <param name="Elapsed">Since its process was started.</param>
/// <param name="Collapse">What <see cref="RunReport.Collapse"/> last was.</param>
public sealed record RunOutcome(RunRecord Record, string? Reason, TimeSpan Elapsed, string? Collapse = null);
