using System.Runtime.Intrinsics;
using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Random;
using DropoutLab.Tests.Definitions;
using DropoutLab.Verification;

namespace DropoutLab.Tests.Verification;

/// <summary>With a fault put into the engine, the claims that it breaks fail, and those that it does not break hold.</summary>
public sealed class FaultTests
{
    private const string KnownAnswers = "known answers of the random function";
    private const string Frequencies = "masks drop as often as asked";
    private const string Bits = "engine draws the defined mask bits";
    private const string Output = "z = W(h⊙F) + b";
    private const string WeightGradient = "∂J/∂W = ∂J/∂z (h⊙B)ᵀ";
    private const string BiasGradient = "∂J/∂b = Σ ∂J/∂z";
    private const string InputGradient = "∂J/∂h = Wᵀ ∂J/∂z ⊙ B";
    private const string OwnMasks = "each datum has a mask of its own";
    private const string SharedMasks = "what shares a draw is dropped as one";
    private const string MasksOfAStep = "masks of a step are independent";
    private const string StepsAndSeeds = "steps and seeds are independent";
    private const string Thinned = "gradient: mean over thinned networks";
    private const string BackendMasks = "backends draw the same masks";
    private const string BackendOutputs = "backends agree on z, f32";
    private const string BackendGradients = "backends agree on gradients, f32";
    private const string ThreadMasks = "1, 2, 3 threads draw the same masks";
    private const string Threads = "1, 2, 3 threads give the same step";
    private const string CutBatch = "a batch cut in two keeps its masks";
    private const string ZeroRatio = "a ratio of 0 is the plain network";

    private static readonly Network Dense = Mlp.Create(new ImageShape(4, 4, 3), 10, 40, 30);

    [Fact]
    public void WithoutAFaultNoneFails() => Assert.Empty(Failing(Engine));

    /// <summary>ε where ε/(1−p) is promised: an engine with weights smaller by 1 − p in place of the scale.</summary>
    [Fact]
    public void AWrongScale()
    {
        DropoutRule rule = DropoutRule.Standard(0.3);
        IReadOnlyList<string> failing = Failing(
            (network, dropout, input, backend, precision) =>
            {
                double kept = 1 - dropout.Rule.DropProbability.At(input.Step);
                HashSet<string> sites = [.. dropout.RulesAt(network.Sites, network.Name).Keys];
                if (dropout.Rule.Kind != DropoutKind.Standard)
                    return Engine(network, dropout, input, backend, precision);
                Dictionary<string, double[]> smaller = input.Parameters!.ToDictionary(
                    pair => pair.Key,
                    pair => sites.Any(site => pair.Key == $"{site}.weight") ? Times(pair.Value, kept) : pair.Value);
                IReadOnlyList<LayerAudit> layers = Engine(
                    network, dropout, input with { Parameters = smaller }, backend, precision);
                return [.. layers.Select(layer => sites.Contains(layer.Name)
                    ? Unscaled(layer, input.Parameters![$"{layer.Name}.weight"], kept)
                    : layer)];
            },
            subject => subject with { Rules = [rule] });

        Assert.Equal([Output, WeightGradient, InputGradient, Thinned], failing);
    }

    [Fact]
    public void AMaskThatAMinibatchShares()
    {
        IReadOnlyList<string> failing = Failing((network, dropout, input, backend, precision) =>
            Engine(network, dropout with { Sharing = MaskSharing.PerMinibatch }, input, backend, precision));

        Assert.Equal(
            [Bits, Output, WeightGradient, InputGradient, OwnMasks, Thinned], failing.Except([MasksOfAStep, StepsAndSeeds]));
    }

    [Fact]
    public void MasksOfTheirOwnWhereAMinibatchSharesOne()
    {
        IReadOnlyList<string> failing = Failing(
            (network, dropout, input, backend, precision) =>
                Engine(network, dropout with { Sharing = MaskSharing.PerDatum }, input, backend, precision),
            subject => subject with { Sharing = MaskSharing.PerMinibatch });

        Assert.Equal([Bits, Output, WeightGradient, InputGradient, SharedMasks, Thinned], failing);
    }

    /// <summary>Forward and backward dropout as a layer has it that masks only what comes in: ∂J/∂W from h ⊙ F.</summary>
    [Fact]
    public void AWeightGradientFromTheWrongView()
    {
        IReadOnlyList<string> failing = Failing(
            ChangedLayers((layer, _, _) => layer with { WeightGradient = FromForwardView(layer) }));

        Assert.Equal([WeightGradient], failing);
    }

    [Fact]
    public void ABiasGradientThatIsMasked()
    {
        IReadOnlyList<string> failing = Failing(
            ChangedLayers((layer, _, _) => layer with { BiasGradient = Changed(layer.BiasGradient!, 0, 2) }));

        Assert.Equal([BiasGradient, Thinned], failing);
    }

    [Fact]
    public void AnErrorSignalThatIsNotMasked()
    {
        IReadOnlyList<string> failing = Failing(ChangedLayers((layer, dropout, _) => dropout.Rule.Kind == DropoutKind.Backward
            ? layer with
            {
                InputGradient = new AuditedArray(
                    layer.InputGradient.Shape, new PlainLayer(layer).InputGradient(Ones(layer.Input))),
            }
            : layer));

        Assert.Equal([InputGradient], failing);
    }

    [Fact]
    public void MasksThatEveryStepRepeats()
    {
        IReadOnlyList<string> failing = Failing((network, dropout, input, backend, precision) =>
            Engine(network, dropout, input with { Step = VerifiedSteps.Number }, backend, precision));

        Assert.Equal([StepsAndSeeds], failing);
    }

    [Fact]
    public void ThreadsThatRace()
    {
        IReadOnlyList<string> failing = Failing(ChangedLayers((layer, _, backend) => backend.Team.ThreadCount == 3
            ? layer with { WeightGradient = Changed(layer.WeightGradient, 0, 1) }
            : layer));

        Assert.Equal([Threads], failing);
    }

    [Fact]
    public void AMaskThatDependsOnTheThreads()
    {
        IReadOnlyList<string> failing = Failing(ChangedLayers((layer, _, backend) => backend.Team.ThreadCount == 3
            ? layer with { ForwardFactor = WithOtherBit(layer.ForwardFactor) }
            : layer));

        Assert.Equal([ThreadMasks], failing);
    }

    /// <summary>The other claims are checked on the reference alone.</summary>
    [Theory]
    [InlineData("forward factor", BackendMasks)]
    [InlineData("backward factor", BackendMasks)]
    [InlineData("output", BackendOutputs)]
    [InlineData("output gradient", BackendGradients)]
    [InlineData("weight gradient", BackendGradients)]
    [InlineData("bias gradient", BackendGradients)]
    [InlineData("input gradient", BackendGradients)]
    public void AnElementThatOneDnnHasOtherwise(string array, string claim)
    {
        TestBackends.OneDnn().Dispose();
        IReadOnlyList<string> failing = Failing(
            ChangedLayers((layer, _, backend) => backend.Name == "onednn" ? WithOtherElement(layer, array) : layer));

        Assert.Equal([claim], failing);
    }

    [Fact]
    public void APartOfABatchThatDrawsAsItsBeginning()
    {
        ClaimResult failing = OnlyFailing(
            steps => CutBatchClaim.Check(steps, (part, _, count) => CutBatchClaim.Draw(part, 0, count)));

        Assert.Equal(CutBatch, failing.Claim);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x299f31d0_a4093822UL)]
    public void AWordOfTheRandomFunction(ulong wrong)
    {
        ClaimResult failing = OnlyFailing(steps => RandomFunctionClaims.Check(
            steps, (key, counter) => key == wrong
                ? Philox4x32.Block(key, counter).WithElement(3, 0u)
                : Philox4x32.Block(key, counter), Draw));

        Assert.Equal((KnownAnswers, 1.0, $"key {wrong:x16}"), (failing.Claim, failing.Deviation!.Value, failing.Where));
    }

    [Theory]
    [InlineData(0.5, 1.5)]
    [InlineData(0.1, 0.5)]
    [InlineData(0.005, 1.5)]
    [InlineData(0.0001, 0.5)]
    public void AMaskThatDropsMoreOrLessThanAsked(double ratio, double factor)
    {
        ClaimResult failing = OnlyFailing(steps => RandomFunctionClaims.Check(steps, Philox4x32.Block,
            (stream, rows, features) => stream.DropProbability == ratio
            ? Draw(new MaskStream(stream.Function.Seed, layer: 0, which: 0, step: 0, factor * ratio), rows, features)
            : Draw(stream, rows, features)));

        Assert.Equal((Frequencies, $"ratio {ratio}"), (failing.Claim, failing.Where));
    }

    [Fact]
    public void ARatioOfZeroThatRounds()
    {
        IReadOnlyList<string> failing = Failing(
            ChangedLayers((layer, dropout, _) => dropout.Rule is { IsPlain: true, Kind: DropoutKind.Backward }
            ? layer with { Output = Changed(layer.Output, 3, Math.BitIncrement(layer.Output.Values[3])) }
            : layer));

        Assert.Equal([ZeroRatio], failing);
    }

    [Fact]
    public void AResultThatIsNoNumber()
    {
        IReadOnlyList<string> failing = Failing(
            ChangedLayers((layer, _, _) => layer with { InputGradient = Changed(layer.InputGradient, 1, double.NaN) }));

        string[] expected = HasOneDnn() ? [InputGradient, BackendGradients, Threads] : [InputGradient, Threads];
        Assert.Equal(expected, failing);
    }

    private static IReadOnlyList<LayerAudit> Engine(
        Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision) =>
        StepAudit.Run(network, dropout, input, backend, precision).Layers;

    private static MaskBits Draw(MaskStream stream, int rows, int features) => MaskBits.Draw(stream, rows, features);

    private static bool HasOneDnn()
    {
        using Backend fastest = TestBackends.Fastest();
        return fastest is OneDnnBackend;
    }

    /// <summary>The engine, with each layer changed on its way out.</summary>
    private static StepSource ChangedLayers(Func<LayerAudit, DropoutSettings, Backend, LayerAudit> change) =>
        (network, dropout, input, backend, precision) =>
            [.. Engine(network, dropout, input, backend, precision).Select(layer => change(layer, dropout, backend))];

    /// <summary>The claims that fail. Those on backends are skipped where there is no oneDNN.</summary>
    private static IReadOnlyList<string> Failing(StepSource source, Func<VerificationSubject, VerificationSubject>? change = null)
    {
        using Backend backend = TestBackends.Reference();
        VerificationSubject subject = new(Dense, backend, Precision.Float64) { Source = source };
        return
        [
            .. ClaimVerifier.Check(change?.Invoke(subject) ?? subject, TestContext.Current.CancellationToken)
                .Where(result => result.Outcome == ClaimOutcome.Fails)
                .Select(result => result.Claim),
        ];
    }

    /// <summary>The one of a group of claims that fails.</summary>
    private static ClaimResult OnlyFailing(Func<VerifiedSteps, IEnumerable<ClaimResult>> check)
    {
        using Backend backend = TestBackends.Reference();
        VerifiedSteps steps = new(new VerificationSubject(Dense, backend, Precision.Float64));
        return Assert.Single(check(steps), result => result.Outcome == ClaimOutcome.Fails);
    }

    private static LayerAudit WithOtherElement(LayerAudit layer, string array) => array switch
    {
        "forward factor" => layer with { ForwardFactor = WithOtherBit(layer.ForwardFactor) },
        "backward factor" => layer with { BackwardFactor = WithOtherBit(layer.BackwardFactor) },
        "output" => layer with { Output = Larger(layer.Output) },
        "output gradient" => layer with { OutputGradient = Larger(layer.OutputGradient) },
        "weight gradient" => layer with { WeightGradient = Larger(layer.WeightGradient) },
        "bias gradient" => layer with { BiasGradient = Larger(layer.BiasGradient!) },
        _ => layer with { InputGradient = Larger(layer.InputGradient) },
    };

    private static AuditedArray WithOtherBit(AuditedArray factor) => Changed(factor, 0, factor.Values[0] == 0 ? 1 : 0);

    private static AuditedArray Larger(AuditedArray array) => Changed(array, 0, array.Values[0] + 1);

    /// <summary>A layer with the weights kept · W as one with the weights W and factors without their scale.</summary>
    private static LayerAudit Unscaled(LayerAudit layer, double[] weight, double kept) => layer with
    {
        Weight = new AuditedArray(layer.Weight.Shape, weight),
        ForwardFactor = new AuditedArray(layer.Input.Shape, Times(layer.ForwardFactor.Values, kept)),
        BackwardFactor = new AuditedArray(layer.Input.Shape, Times(layer.BackwardFactor.Values, kept)),
        WeightGradient = new AuditedArray(layer.Weight.Shape, Times(layer.WeightGradient.Values, kept)),
    };

    private static AuditedArray FromForwardView(LayerAudit layer)
    {
        (int outputs, int inputs) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        double[] gradient = new double[outputs * inputs];
        for (int n = 0; n < layer.Input.Shape[0]; n++)
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++)
                    gradient[o * inputs + i] += layer.OutputGradient.Datum(n)[o] * layer.Input.Datum(
                        n)[i] * layer.ForwardFactor.Datum(n)[i];
        return new AuditedArray(layer.Weight.Shape, gradient);
    }

    private static AuditedArray Changed(AuditedArray array, int element, double value)
    {
        double[] values = [.. array.Values];
        values[element] = value;
        return array with { Values = values };
    }

    private static double[] Times(double[] values, double factor) => [.. values.Select(value => value * factor)];

    private static double[] Ones(AuditedArray array) => [.. array.Values.Select(_ => 1.0)];
}
