namespace DropoutLab.Tests.Live;

/// <summary>
/// Tests of what is promised within seconds. They run after all others, alone: a machine that is busy with them keeps no promise.
/// </summary>
[CollectionDefinition(nameof(ClockTests), DisableParallelization = true)]
public sealed class ClockTests;
