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
/// with independent masks ε₁ and ε₂ of zeros and ones, P(ε₁ = 0) = p, P(ε₂ = 0) = q.
/// </summary>
/// <remarks>
/// Source: Gao, Pei, Huang, "Demystifying Dropout", ICML 2019. The scaling by 1/(1−p) and the two readings of augmented
/// dropout are ours; the paper prints neither.
/// </remarks>
public sealed record DropoutRule
{
    private const string Forms =
        "none, standard:P, forward:P, backward:P, augmented:P/Q or augmented-independent:P/Q, "
        + "as in standard:0.3 or augmented:0.3/0.0002";

    private DropoutRule(DropoutKind kind, double dropProbability = 0, double secondDropProbability = 0)
    {
        Kind = kind;
        DropProbability = Ratio(dropProbability);
        SecondDropProbability = Ratio(secondDropProbability);
    }

    /// <summary>No dropout.</summary>
    public static DropoutRule None { get; } = new(DropoutKind.None);

    /// <summary>Which passes are dropped.</summary>
    public DropoutKind Kind { get; }

    /// <summary>p, the probability that the first mask drops a feature: in [0, 1), and 0 without dropout.</summary>
    public double DropProbability { get; }

    /// <summary>q, the probability that the second mask drops a feature: in [0, 1), and 0 without a second mask.</summary>
    public double SecondDropProbability { get; }

    /// <summary>Whether no feature is ever dropped: such a rule is the plain network, to the bit.</summary>
    public bool IsPlain => DropProbability == 0 && SecondDropProbability == 0;

    private bool HasTwoMasks => Kind is DropoutKind.Augmented or DropoutKind.AugmentedIndependent;

    /// <summary>F = B = ε/(1−p).</summary>
    /// <exception cref="DropoutLabException">The probability is not in [0, 1).</exception>
    public static DropoutRule Standard(double dropProbability) => new(DropoutKind.Standard, dropProbability);

    /// <summary>F = ε/(1−p), B = 1.</summary>
    /// <inheritdoc cref="Standard" path="/exception"/>
    public static DropoutRule Forward(double dropProbability) => new(DropoutKind.Forward, dropProbability);

    /// <summary>F = 1, B = ε/(1−p).</summary>
    /// <inheritdoc cref="Standard" path="/exception"/>
    public static DropoutRule Backward(double dropProbability) => new(DropoutKind.Backward, dropProbability);

    /// <summary>F = ε₁/(1−p), B = ε₁ε₂/((1−p)(1−q)): standard dropout and a little more noise in the backward pass.</summary>
    /// <inheritdoc cref="Standard" path="/exception"/>
    public static DropoutRule Augmented(double dropProbability, double secondDropProbability) =>
        new(DropoutKind.Augmented, dropProbability, secondDropProbability);

    /// <summary>F = ε₁/(1−p), B = ε₂/(1−q).</summary>
    /// <inheritdoc cref="Standard" path="/exception"/>
    public static DropoutRule AugmentedIndependent(double dropProbability, double secondDropProbability) =>
        new(DropoutKind.AugmentedIndependent, dropProbability, secondDropProbability);

    /// <summary>Reads what <see cref="ToString"/> writes; numbers have a decimal point in every culture.</summary>
    /// <exception cref="DropoutLabException">The text is no rule, or a ratio is not in [0, 1).</exception>
    public static DropoutRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':', 2);
        double[]? ratios = parts.Length == 1 ? [] : Numbers(parts[1]);
        return (parts[0], ratios) switch
        {
            ("none", []) => None,
            ("standard", [double p]) => Standard(p),
            ("forward", [double p]) => Forward(p),
            ("backward", [double p]) => Backward(p),
            ("augmented", [double p, double q]) => Augmented(p, q),
            ("augmented-independent", [double p, double q]) => AugmentedIndependent(p, q),
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

    /// <summary>none, standard:P, forward:P, backward:P, augmented:P/Q or augmented-independent:P/Q.</summary>
    public override string ToString()
    {
        string name = Kind == DropoutKind.AugmentedIndependent ? "augmented-independent" : Kind.ToString().ToLowerInvariant();
        string ratios = HasTwoMasks ? $":{Text(DropProbability)}/{Text(SecondDropProbability)}"
            : Kind == DropoutKind.None ? ""
            : $":{Text(DropProbability)}";
        return name + ratios;
    }

    /// <summary>The number itself if it can be a drop probability; −0 comes back as 0.</summary>
    /// <exception cref="DropoutLabException">The number is not in [0, 1).</exception>
    internal static double Ratio(double dropProbability) => dropProbability is >= 0 and < 1
        ? dropProbability + 0.0
        : throw new DropoutLabException(
            $"dropout ratio {Text(dropProbability)} is out of range: use a number from 0 up to, but not including, 1");

    private static string Text(double ratio) => ratio.ToString(CultureInfo.InvariantCulture);

    private static double[]? Numbers(string text)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;
        string[] parts = text.Split('/');
        double[] numbers = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], Style, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }

        return numbers;
    }
}
