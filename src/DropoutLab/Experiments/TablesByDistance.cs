using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Experiments;

/// <summary>Tables that are held against the same figures of the poster's.</summary>
/// <param name="Network">What the figures are of, such as resnet20 on cifar10.</param>
/// <param name="Tables">The nearest first.</param>
public sealed record TablesByDistance(string Network, IReadOnlyList<TableSummary> Tables);
