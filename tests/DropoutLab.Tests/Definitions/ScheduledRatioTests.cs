using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// One compiled plan follows the schedule of a ratio: at each step it is the plan with that step's ratio, to the bit.
/// </summary>
public sealed class ScheduledRatioTests
{
    private const ulong Seed = 7;
    private const int Batch = 5;

    private static readonly Network Network = SmallNetworks.Convolutional;

    public static TheoryData<string> Rules =>
    [
        "standard:0..0.3@10", "forward:0.5..0.1@7", "backward:0.1,0.6@3,0@9", "augmented:0..0.3@10/0.2,0@5",
        "augmented-independent:0.2/0..0.4@8",
    ];

    [Theory, MemberData(nameof(Rules))]
    public void ReferenceFollowsTheSchedule(string rule)
    {
        using Backend backend = TestBackends.Reference();
        AssertFollows(backend, Precision.Float64, DropoutRule.Parse(rule));
    }

    [Theory, MemberData(nameof(Rules))]
    public void OneDnnFollowsTheSchedule(string rule)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        AssertFollows(backend, Precision.Float32, DropoutRule.Parse(rule));
        AssertFollows(backend, Precision.BFloat16, DropoutRule.Parse(rule));
    }

    [Theory, MemberData(nameof(Rules))]
    public void AnAuditHasTheFactorsOfItsStep(string text)
    {
        DropoutRule rule = DropoutRule.Parse(text);
        using Backend backend = TestBackends.Reference();
        foreach (uint step in (uint[])[0, 4, 20])
        {
            IReadOnlyList<LayerAudit> scheduled = Audit(rule, step), constant = Audit(At(rule, step), step);
            for (int i = 0; i < scheduled.Count; i++)
            {
                Assert.Equal(constant[i].ForwardFactor.Values, scheduled[i].ForwardFactor.Values);
                Assert.Equal(constant[i].BackwardFactor.Values, scheduled[i].BackwardFactor.Values);
            }
        }

        IReadOnlyList<LayerAudit> Audit(DropoutRule dropout, uint step)
        {
            double[] images = new double[Batch * Network.Input.Datum.Count];
            return StepAudit.Run(Network, new DropoutSettings(dropout), new StepInput(images, new int[Batch], Seed, step),
                backend, Precision.Float64).Layers;
        }
    }

    private static void AssertFollows(Backend backend, Precision precision, DropoutRule rule)
    {
        using TrainingStep scheduled = new(backend, Network, new DropoutSettings(rule), Batch, precision);
        scheduled.Fill(seed: 3);
        HashSet<string> different = [];
        foreach (uint step in (uint[])[0, 1, 4, 9, 10, 11, 4000, uint.MaxValue])
        {
            DropoutRule now = At(rule, step);
            using TrainingStep constant = new(backend, Network, new DropoutSettings(now), Batch, precision);
            constant.Fill(seed: 3);
            Assert.Equal(Results(constant, step), Results(scheduled, step));
            different.Add($"{now}");
        }

        Assert.InRange(different.Count, 3, 8);
    }

    /// <summary>The rule with the ratios of one step. A ratio of 0 is compiled as no dropout at all.</summary>
    private static DropoutRule At(DropoutRule rule, uint step)
    {
        double p = rule.DropProbability.At(step), q = rule.SecondDropProbability.At(step);
        return rule.Kind switch
        {
            DropoutKind.Standard => DropoutRule.Standard(p),
            DropoutKind.Forward => DropoutRule.Forward(p),
            DropoutKind.Backward => DropoutRule.Backward(p),
            DropoutKind.Augmented => DropoutRule.Augmented(p, q),
            _ => DropoutRule.AugmentedIndependent(p, q),
        };
    }

    /// <summary>The logits and all gradients.</summary>
    private static double[][] Results(TrainingStep step, uint number)
    {
        step.Plan.Run(Seed, number);
        return [step.Plan.Read(step.Built.Logits), .. step.Store.Parameters.Select(parameter => step.Gradient(parameter.Name))];
    }
}
