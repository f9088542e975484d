namespace DropoutLab.Auditing;

/// <summary>What a training step is a function of besides the network and its dropout.</summary>
/// <param name="Images">The minibatch, [N, H, W, C] in row-major order, as the network reads it.</param>
/// <param name="Labels">The class of each datum.</param>
/// <param name="Seed">What the masks are drawn from and, where <paramref name="Parameters"/> is null, the initial parameters.</param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Parameters">Parameters by name in place of the network's initial ones.</param>
public sealed record StepInput(
    double[] Images, int[] Labels, ulong Seed = 1, uint Step = 0, IReadOnlyDictionary<string, double[]>? Parameters = null);
