using System.Globalization;
using System.Text.Json;
using DropoutLab.Auditing;
using DropoutLab.Explanations;

namespace DropoutLab.Dashboard.Explain;

/// <summary>What the page's script computes from: the numbers that no mask changes, and the first state.</summary>
internal static class ExampleJson
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The object, safe to stand in a script element: JSON in which every &lt; is escaped.</summary>
    public static string Of(Explanation explanation)
    {
        ExplanationSettings settings = explanation.Settings;
        return JsonSerializer.Serialize(
            new
            {
                // All 64 bits, which a number of JavaScript does not have.
                Seed = settings.Seed.ToString(CultureInfo.InvariantCulture),
                Batch = settings.BatchSize,
                explanation.Example.Labels,
                ExplanationSettings.DefaultStep,
                ExplanationSettings.DefaultSecondRatio,
                State = new
                {
                    settings.Step,
                    Rule = settings.Rule.Name,
                    P = Words.DropProbability(settings),
                    Q = settings.SecondRatio,
                    Masks = string.Join(',', settings.MaskElements),
                },
                X = Layer(explanation.Minibatch.Audit, number: 0),
                H = Layer(explanation.Rules[0].Layer.Audit, number: 1),
            }, Options);
    }

    private static object Layer(LayerAudit layer, int number) => new
    {
        Number = number,
        Input = Rows(layer.Input),
        Weight = Rows(layer.Weight),
        Bias = layer.Bias!.Values,
    };

    private static double[][] Rows(AuditedArray matrix) => [.. matrix.Values.Chunk(matrix.Shape[1])];
}
