using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DropoutLab.Dropout;

/// <summary>
/// What multiplies the input h of a weight layer z = W h + b: F in the forward pass, B in the backward pass,
/// <code>
/// z = W (h ⊙ F) + b        ∂J/∂W = δ (h ⊙ B)ᵀ        ∂J/∂h = Wᵀ δ ⊙ B
///
///                              F            B
/// none                         1            1
/// standard(p)                  ε₁/(1−p)     the same ε₁/(1−p)
/// forward(p)                   ε₁/(1−p)     1
/// backward(p)                  1            ε₁/(1−p)
/// augmented(p/q)               ε₁/(1−p)     ε₁ε₂/((1−p)(1−q))
/// augmented-independent(p/q)   ε₁/(1−p)     ε₂/(1−q)
/// </code>
/// with independent masks ε₁ and ε₂ of zeros and ones, P(ε₁ = 0) = p, P(ε₂ = 0) = q. Either ratio may change over the steps.
/// </summary>
/// <remarks>
/// Source: Gao, Pei, Huang, "Demystifying Dropout", ICML 2019. The scaling by 1/(1−p) and the two readings of augmented
/// dropout are ours; the paper prints neither.
/// </remarks>
public sealed record DropoutRule
{
    private const string Forms =
        "none, standard:P, forward:P, backward:P, augmented:P/Q or augmented-independent:P/Q, "
        + "as in standard:0.3 or augmented:0.3/0.0002; P..P@N changes over N steps, P,P@N at step N";

    private DropoutRule(DropoutKind kind, RatioSchedule dropProbability, RatioSchedule secondDropProbability)
    {
        Kind = kind;
        DropProbability = dropProbability;
        SecondDropProbability = secondDropProbability;
    }

    private DropoutRule(DropoutKind kind, RatioSchedule dropProbability) : this(kind, dropProbability, 0)
    {
    }

    /// <summary>No dropout.</summary>
    public static DropoutRule None { get; } = new(DropoutKind.None, 0);

    /// <summary>Which passes are dropped.</summary>
    public DropoutKind Kind { get; }

    /// <summary>As on the command line, without the ratios: standard, augmented-independent and so on.</summary>
    public string Name => Kind == DropoutKind.AugmentedIndependent ? "augmented-independent" : Kind.ToString().ToLowerInvariant();

    /// <summary>p, the probability that the first mask drops a feature, by step: 0 without dropout.</summary>
    public RatioSchedule DropProbability { get; }

    /// <summary>q, the probability that the second mask drops a feature, by step: 0 without a second mask.</summary>
    public RatioSchedule SecondDropProbability { get; }

    /// <summary>The rule of one step: the ratios that the schedules have there, as constants.</summary>
    public DropoutRule At(uint step) => new(Kind, DropProbability.At(step), SecondDropProbability.At(step));

    /// <summary>The same rule with another p; <see cref="None"/> stays what it is.</summary>
    /// <exception cref="DropoutLabException">A number is not in [0, 1).</exception>
    public DropoutRule WithDropProbability(RatioSchedule dropProbability) =>
        Kind == DropoutKind.None ? this : new(Kind, dropProbability, SecondDropProbability);

    /// <summary>The same F and B from the fewest masks: one that never drops is none.</summary>
    internal DropoutRule WithFewestMasks() => Kind switch
    {
        _ when IsPlain => None,
        DropoutKind.Augmented when SecondDropProbability.IsZero => Standard(DropProbability),
        DropoutKind.AugmentedIndependent when SecondDropProbability.IsZero => Forward(DropProbability),
        DropoutKind.AugmentedIndependent when DropProbability.IsZero => Augmented(0, SecondDropProbability),
        _ => this,
    };

    /// <summary>Whether no feature is ever dropped: such a rule is the plain network, to the bit.</summary>
    public bool IsPlain => DropProbability.IsZero && SecondDropProbability.IsZero;

    private bool HasTwoMasks => Kind is DropoutKind.Augmented or DropoutKind.AugmentedIndependent;

    /// <summary>F = B = ε/(1−p).</summary>
    /// <param name="dropProbability">p: a number, or how it changes over the steps.</param>
    /// <exception cref="DropoutLabException">A number is not in [0, 1).</exception>
    public static DropoutRule Standard(RatioSchedule dropProbability) => new(DropoutKind.Standard, dropProbability);

    /// <summary>F = ε/(1−p), B = 1.</summary>
    /// <inheritdoc cref="Standard" path="/*[not(self::summary)]"/>
    public static DropoutRule Forward(RatioSchedule dropProbability) => new(DropoutKind.Forward, dropProbability);

    /// <summary>F = 1, B = ε/(1−p).</summary>
    /// <inheritdoc cref="Standard" path="/*[not(self::summary)]"/>
    public static DropoutRule Backward(RatioSchedule dropProbability) => new(DropoutKind.Backward, dropProbability);

    /// <summary>F = ε₁/(1−p), B = ε₁ε₂/((1−p)(1−q)): standard dropout and a little more noise in the backward pass.</summary>
    /// <param name="dropProbability">p: a number, or how it changes over the steps.</param>
    /// <param name="secondDropProbability">q, likewise.</param>
    /// <inheritdoc cref="Standard" path="/exception"/>
    public static DropoutRule Augmented(RatioSchedule dropProbability, RatioSchedule secondDropProbability) =>
        new(DropoutKind.Augmented, dropProbability, secondDropProbability);

    /// <summary>F = ε₁/(1−p), B = ε₂/(1−q).</summary>
    /// <inheritdoc cref="Augmented" path="/*[not(self::summary)]"/>
    public static DropoutRule AugmentedIndependent(RatioSchedule dropProbability, RatioSchedule secondDropProbability) =>
        new(DropoutKind.AugmentedIndependent, dropProbability, secondDropProbability);

    /// <summary>Reads what <see cref="ToString"/> writes; numbers have a decimal point in every culture.</summary>
    /// <exception cref="DropoutLabException">The text is no rule, or a ratio is not in [0, 1).</exception>
    public static DropoutRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DropoutLabException.Reading(SettingName.Dropout, text, Read);
    }

    private static DropoutRule Read(string text)
    {
        string[] parts = text.Split(':', 2);
        RatioSchedule?[] ratios = parts.Length == 1 ? [] : [.. parts[1].Split('/').Select(RatioSchedule.Read)];
        return (parts[0], ratios) switch
        {
            ("none", []) => None,
            ("standard", [{ } p]) => Standard(p),
            ("forward", [{ } p]) => Forward(p),
            ("backward", [{ } p]) => Backward(p),
            ("augmented", [{ } p, { } q]) => Augmented(p, q),
            ("augmented-independent", [{ } p, { } q]) => AugmentedIndependent(p, q),
            _ => throw new DropoutLabException($"dropout '{text}' is no rule: use {Forms}"),
        };
    }

    /// <summary><see cref="Parse"/> without the exception.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DropoutRule? rule)
    {
        try
        {
            rule = text is null ? null : Parse(text);
        }
        catch (DropoutLabException)
        {
            rule = null;
        }

        return rule is not null;
    }

    /// <summary>
    /// none, standard:P, forward:P, backward:P, augmented:P/Q or augmented-independent:P/Q, P and Q as <see
    /// cref="RatioSchedule"/> writes them.
    /// </summary>
    public override string ToString()
    {
        string ratios = HasTwoMasks ? $":{DropProbability}/{SecondDropProbability}"
            : Kind == DropoutKind.None ? ""
            : $":{DropProbability}";
        return Name + ratios;
    }

    /// <summary>The number itself if it can be a drop probability; −0 comes back as 0.</summary>
    /// <exception cref="DropoutLabException">The number is not in [0, 1).</exception>
    internal static double Ratio(double dropProbability) => dropProbability is >= 0 and < 1
        ? dropProbability + 0.0
        : throw new DropoutLabException(
            $"dropout ratio {dropProbability.ToString(CultureInfo.InvariantCulture)} is out of range: use a number from 0 up to, "
                + "but not including, 1");
}

/// <summary>Which of its two passes a weight layer sees dropped; see <see cref="DropoutRule"/>.</summary>
public enum DropoutKind
{
    /// <summary>No dropout.</summary>
    None,

    /// <summary>The same mask in both passes.</summary>
    Standard,

    /// <summary>A mask in the forward pass alone.</summary>
    Forward,

    /// <summary>A mask in the backward pass alone.</summary>
    Backward,

    /// <summary>A mask in both passes, and a second one on top of it in the backward pass.</summary>
    Augmented,

    /// <summary>A mask in the forward pass and another, independent one in the backward pass.</summary>
    AugmentedIndependent,
}
