using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Verification;

/// <summary>The training steps of a subject that the claims are checked on.</summary>
internal sealed class VerifiedSteps(VerificationSubject subject)
{
    /// <summary>The step's number: not 0, so that names that are mixed up give other masks.</summary>
    public const uint Number = 3;

    private const int FewData = 5;

    /// <summary>Images, labels, parameters, seed and number.</summary>
    public StepInput Input { get; } = MadeUpStep.For(subject.Network, subject.BatchSize, subject.Seed, Number);

    public VerificationSubject Subject => subject;

    /// <summary>The last rule that drops anything, for claims that one rule is enough for.</summary>
    public DropoutRule DroppingRule => subject.Rules.LastOrDefault(rule => !rule.IsPlain) ?? DropoutRule.Standard(0.3);

    /// <summary>The places, among the network's weight layers, of those whose inputs are dropped.</summary>
    public IReadOnlyList<int> DroppedLayers()
    {
        IReadOnlyDictionary<string, DropoutRule> rules = Settings(DroppingRule)
            .RulesAt(subject.Network.Sites, subject.Network.Name);
        return [.. subject.Network.Sites.Index().Where(site => rules.ContainsKey(site.Item.Name)).Select(site => site.Index)];
    }

    /// <summary>A rule at the subject's sites.</summary>
    public DropoutSettings Settings(DropoutRule rule) => new(rule, subject.Sites, subject.Sharing);

    /// <summary>The weight layers of the subject's step.</summary>
    public IReadOnlyList<LayerAudit> Run(DropoutRule rule) => Run(rule, Input);

    /// <summary>The weight layers of the subject's step as another seed and step would have its masks.</summary>
    public IReadOnlyList<LayerAudit> Run(DropoutRule rule, ulong maskSeed, uint step) =>
        Run(rule, Input with { Seed = maskSeed, Step = step });

    /// <summary>The weight layers of the subject's step under <see cref="DroppingRule"/>, computed in another way.</summary>
    public IReadOnlyList<LayerAudit> RunOn(Backend backend, Precision precision) =>
        subject.Source(subject.Network, Settings(DroppingRule), Input, backend, precision);

    /// <summary>
    /// As many data as have hardly a unit within rounding of a kink; where steps computed in two ways are compared, more would
    /// not make it more certain.
    /// </summary>
    public VerifiedSteps OfFewData() => subject.BatchSize <= FewData ? this : new(subject with { BatchSize = FewData });

    /// <summary>The same network and rules with other images, parameters and masks.</summary>
    public VerifiedSteps OfSeed(ulong seed) => new(subject with { Seed = seed });

    private IReadOnlyList<LayerAudit> Run(DropoutRule rule, StepInput given) =>
        subject.Source(subject.Network, Settings(rule), given, subject.Backend, subject.Precision);
}

/// <summary>
/// Images and parameters that are the same on every machine, and that bfloat16 holds exactly, so that no precision begins with a
/// rounding. Initial parameters would not do: zero biases and weights near 0 hide mistakes.
/// </summary>
internal static class MadeUpStep
{
    /// <summary><see cref="MadeUpInput"/>, rounded to bfloat16; the labels are 0, 1, 2, …, so that no class is missing.</summary>
    public static StepInput For(Network network, int batchSize, ulong seed, uint step)
    {
        StepInput made = MadeUpInput.Minibatch(network, batchSize, seed, step);
        return made with
        {
            Images = Rounded(made.Images),
            Labels = [.. Enumerable.Range(0, batchSize).Select(datum => datum % network.OutputCount)],
            Parameters = MadeUpInput.Parameters(network, seed)
                .ToDictionary(parameter => parameter.Key, parameter => Rounded(parameter.Value)),
        };
    }

    private static double[] Rounded(double[] values) =>
        Array.ConvertAll(values, value => (double)BFloat16.Rounded((float)value));
}
