using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Verification;

/// <summary>What the claims are checked on.</summary>
/// <param name="Network">The network.</param>
/// <param name="Backend">What computes; it stays the caller's.</param>
/// <param name="Precision">What it computes in.</param>
public sealed record VerificationSubject(Network Network, Backend Backend, Precision Precision)
{
    /// <summary>A rule of each kind, with ratios at which a small batch has many zeros.</summary>
    public static IReadOnlyList<DropoutRule> EveryRule { get; } =
    [
        DropoutRule.None, DropoutRule.Standard(0.3), DropoutRule.Forward(0.3), DropoutRule.Backward(0.3),
        DropoutRule.Augmented(0.3, 0.1), DropoutRule.AugmentedIndependent(0.3, 0.1),
    ];

    /// <summary>The rules to check.</summary>
    public IReadOnlyList<DropoutRule> Rules { get; init; } = EveryRule;

    /// <inheritdoc cref="DropoutSettings" path="/param[@name='Sites']"/>
    public SiteSelection Sites { get; init; } = SiteSelection.All;

    /// <summary>Which elements of an input share a draw.</summary>
    public MaskSharing Sharing { get; init; } = MaskSharing.PerDatum;

    /// <summary>The data of a step; at least 2, for claims compare data with each other.</summary>
    public int BatchSize { get; init; } = 5;

    /// <summary>What images, parameters and masks derive from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The engine.</summary>
    public StepSource Source { get; init; } =
        (network, dropout, input, backend, precision) => StepAudit.Run(network, dropout, input, backend, precision).Layers;
}

/// <summary>
/// Gives the weight layers of one training step, in order: the engine by <see cref="StepAudit.Run"/>, or in tests an engine with
/// a fault in it.
/// </summary>
public delegate IReadOnlyList<LayerAudit> StepSource(
    Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision);
