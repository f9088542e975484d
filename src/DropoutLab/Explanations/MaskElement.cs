using System.Globalization;
using System.Text.RegularExpressions;
using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Explanations;

/// <summary>An element of an example's mask that is given instead of drawn.</summary>
/// <param name="Site">x, the logistic regression's features, or h, the input of the second layer of the network of two.</param>
/// <param name="Which">0 for ε₁, 1 for ε₂.</param>
/// <param name="Datum">The place in the minibatch, from 0. Where all data share a mask, it is that of datum 0.</param>
/// <param name="Feature">From 0.</param>
/// <param name="Keeps">Whether the feature is kept: ε = 1.</param>
public readonly partial record struct MaskElement(char Site, int Which, int Datum, int Feature, bool Keeps)
{
    /// <summary>
    /// Reads elements with commas between, as in x1:2.3=0,h2:1.4=1: ε₁ drops the feature x₃ of datum 2, and ε₂ keeps h₄ of
    /// datum 1.
    /// </summary>
    /// <exception cref="DropoutLabException">The text is not that.</exception>
    public static IReadOnlyList<MaskElement> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',').Select(Parse)];
    }

    /// <summary>As <see cref="ParseList"/> reads it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Site}{Which + 1}:{Datum + 1}.{Feature + 1}={(Keeps ? 1 : 0)}");

    private static MaskElement Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
        {
            throw new DropoutLabException(
                $"'{text}' is not an element of a mask: "
                    + "use MASK:DATUM.FEATURE=BIT, as in x1:2.3=0, MASK being x1, x2, h1 or h2");
        }

        int datum = Number(match.Groups["datum"]), feature = Number(match.Groups["feature"]);
        int features = text[0] == 'x' ? LogisticRegressionExample.FeatureCount : TwoLayerExample.FeatureCount;
        if (feature > features)
            throw new DropoutLabException($"'{text}' is feature {feature} of {text[0]}, which has 1 to {features}");
        return new MaskElement(text[0], text[1] - '1', datum - 1, feature - 1, text[^1] == '1');
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[xh][12]:(?<datum>[1-9])\.(?<feature>[1-9])=[01]$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}

/// <summary>Runs the steps of an example whose masks may have elements that are given.</summary>
/// <param name="settings">Which elements those are.</param>
/// <param name="site">The letter of the example's input.</param>
/// <param name="layer">The number of the layer that reads it.</param>
/// <param name="backend">What computes.</param>
internal sealed class ExampleSteps(ExplanationSettings settings, char site, int layer, Backend backend)
{
    private readonly ILookup<(int Which, int Datum, int Feature), bool> given = settings.MaskElements
        .Where(element => element.Site == site)
        .ToLookup(element => (element.Which, element.Datum, element.Feature), element => element.Keeps);

    public StepAudit Run(Network network, DropoutSettings dropout, StepInput input)
    {
        StepAudit drawn = StepAudit.Run(network, dropout, input, backend, Precision.Float64);
        if (given.Count == 0 || dropout.IsPlain)
            return drawn;
        LayerAudit[] layers = [.. drawn.Layers];
        AuditedArray first = Bits(0, dropout.Rule.DropProbability, dropout.Sharing, layers[layer].Input);
        AuditedArray second = Bits(1, dropout.Rule.SecondDropProbability, dropout.Sharing, layers[layer].Input);
        // A replay takes from each factor what is 0 in it: of B, the last mask that it is made of.
        bool hasSecond = !dropout.Rule.SecondDropProbability.IsZero;
        layers[layer] = layers[layer] with { ForwardFactor = first, BackwardFactor = hasSecond ? second : first };
        StepAudit masked = new(drawn.Settings, drawn.Images, [.. drawn.Labels], drawn.Loss, layers, drawn.Parameters);
        return StepAudit.Replay(masked, network, backend);
    }

    private AuditedArray Bits(int which, RatioSchedule dropProbability, MaskSharing sharing, AuditedArray features)
    {
        MaskStream stream = new(settings.Seed, layer, which, settings.Step, dropProbability.At(settings.Step));
        int count = features.Shape.CountPerDatum;
        double[] bits = new double[features.Values.Length];
        for (int i = 0; i < bits.Length; i++)
        {
            uint datum = sharing.DrawnDatum((uint)(i / count));
            bool keeps = given[(which, (int)datum, i % count)].Append(stream.Keeps(datum, i % count)).First();
            bits[i] = keeps ? 1 : 0;
        }

        return new AuditedArray(features.Shape, bits);
    }
}
