using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Optimization;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Optimization;

/// <summary>Optimisers' steps against their formulas, written out here number by number.</summary>
public sealed class OptimizerTests
{
    private const int Steps = 20;

    private static readonly Parameter[] Parameters =
    [
        new("a", new Shape(13, 17), 1), new("b", new Shape(3), 1, RateFactor: 2, DecayFactor: 0.5),
        new("average", new Shape(5), 0, InitialMean: 1, IsTrained: false),
    ];

    [Theory]
    [InlineData(Precision.Float32, 1, 1e-5)]
    [InlineData(Precision.Float32, 3, 1e-5)]
    [InlineData(Precision.Float64, 2, 1e-12)]
    public void SgdFollowsItsFormula(Precision precision, int threads, double bound) => AssertFollows(
        new Sgd(momentum: 0.9, weightDecay: 0.01), precision, threads, bound, (parameter, w, g, state, rate, _) =>
        {
            state[0] = 0.9 * state[0] + rate * parameter.RateFactor * (g + 0.01 * parameter.DecayFactor * w);
            return w - state[0];
        });

    [Theory]
    [InlineData(Precision.Float32, 1, 1e-5)]
    [InlineData(Precision.Float32, 3, 1e-5)]
    [InlineData(Precision.Float64, 2, 1e-12)]
    public void AdamWFollowsItsFormula(Precision precision, int threads, double bound) => AssertFollows(
        new AdamW(weightDecay: 0.02) { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 }, precision, threads, bound,
        (parameter, w, g, state, rate, step) =>
        {
            (state[0], state[1]) = (0.8 * state[0] + 0.2 * g, 0.95 * state[1] + 0.05 * g * g);
            double first = state[0] / (1 - Math.Pow(0.8, step)), second = state[1] / (1 - Math.Pow(0.95, step));
            return w - rate * parameter.RateFactor * (first / (Math.Sqrt(second) + 1e-6) + 0.02 * parameter.DecayFactor * w);
        });

    [Fact]
    public void AdamWsDefaultsAreItsAuthors() =>
        Assert.Equal(new AdamW(0.01) { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, MaximumGradientNorm = null }, new AdamW());

    /// <summary>A bound that cuts, and one that does not.</summary>
    [Theory]
    [InlineData(Precision.Float64, 0.5, 1e-12)]
    [InlineData(Precision.Float64, 1000, 1e-12)]
    [InlineData(Precision.Float32, 0.5, 1e-5)]
    public void ALargeGradientIsCutToItsNorm(Precision precision, double largest, double bound)
    {
        double norm = Math.Sqrt(Parameters.Take(2).Sum(parameter => Gradient(parameter, 0).Sum(g => g * g)));
        double factor = Math.Min(1, largest / norm);
        foreach (int threads in new[] { 1, 3 })
        {
            using Backend backend = TestBackends.Reference(threads);
            using ParameterStore store = NewStore(precision);
            OptimizerStep update = backend.Compile(new Sgd(momentum: 0) { MaximumGradientNorm = largest }, store);
            WriteGradients(store, 0);
            update.Run(0.1, 0);
            foreach (Parameter parameter in Parameters.Take(2))
            {
                double[] expected =
                    [.. Values(parameter).Zip(Gradient(parameter, 0), (w, g) => w - 0.1 * parameter.RateFactor * factor * g)];
                AssertClose(expected, store.Read(parameter.Name, ParameterArray.Value), bound);
            }
        }
    }

    /// <summary>What a step made of a running average becomes its value; where none was made, it stays.</summary>
    [Fact]
    public void RunningAveragesAreTakenOver()
    {
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = NewStore(Precision.Float32);
        OptimizerStep update = backend.Compile(new AdamW(), store);
        update.Run(0.1, 0);
        Assert.Equal(Values(Parameters[2]).Select(value => (float)value), store.ReadSingle("average", ParameterArray.Value));

        store.Write("average", ParameterArray.Gradient, (float[])[1, 2, 3, 4, 5]);
        update.Run(0.1, 1);
        Assert.Equal([1, 2, 3, 4, 5], store.ReadSingle("average", ParameterArray.Value));
    }

    [Fact]
    public void AnArrayThatNoOptimiserKeepsIsNamed()
    {
        using ParameterStore store = NewStore(Precision.Float32);

        Assert.Equal(
            "no optimiser keeps momentum here; there are value, gradient",
            Assert.Throws<DropoutLabException>(() => store.Read("a", new ParameterArray(Sgd.MomentumState))).Message);
    }

    public static TheoryData<Optimizer, string> Impossible => new()
    {
        { new Sgd(momentum: 1), "the momentum must be in [0, 1), not 1" },
        { new Sgd(weightDecay: double.NaN), "the weight decay must be at least 0, not NaN" },
        { new AdamW { Beta1 = -0.1 }, "β₁ must be in [0, 1), not -0.1" },
        { new AdamW { Beta2 = 1 }, "β₂ must be in [0, 1), not 1" },
        { new AdamW { Epsilon = 0 }, "ε must be a positive number, not 0" },
        { new AdamW { MaximumGradientNorm = 0 }, "the largest norm of the gradients must be a positive number, not 0" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void NumbersThatNoTrainingCanRunWithAreNamed(Optimizer optimizer, string complaint)
    {
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = NewStore(Precision.Float32);

        Assert.Equal(complaint, Assert.Throws<DropoutLabException>(() => backend.Compile(optimizer, store)).Message);
    }

    private delegate double Formula(Parameter parameter, double w, double g, double[] state, double rate, int step);

    private static void AssertFollows(Optimizer optimizer, Precision precision, int threads, double bound, Formula formula)
    {
        using Backend backend = TestBackends.Reference(threads);
        using ParameterStore store = NewStore(precision);
        OptimizerStep update = backend.Compile(optimizer, store);
        for (int step = 0; step < Steps; step++)
        {
            WriteGradients(store, step);
            update.Run(RateOf(step), step);
        }

        foreach (Parameter parameter in Parameters.Take(2))
        {
            double[] w = Values(parameter);
            double[][] states = [.. w.Select(_ => new double[optimizer.State.Count])];
            for (int step = 0; step < Steps; step++)
            {
                double[] g = Gradient(parameter, step);
                for (int i = 0; i < w.Length; i++)
                    w[i] = formula(parameter, w[i], g[i], states[i], RateOf(step), step + 1);
            }

            AssertClose(w, store.Read(parameter.Name, ParameterArray.Value), bound);
            for (int s = 0; s < optimizer.State.Count; s++)
                AssertClose([.. states.Select(state => state[s])],
                    store.Read(parameter.Name, new ParameterArray(optimizer.State[s])), bound);
        }
    }

    private static ParameterStore NewStore(Precision precision)
    {
        ParameterStore store = new(Parameters, precision);
        foreach (Parameter parameter in Parameters)
            store.Write(parameter.Name, ParameterArray.Value, Values(parameter));
        return store;
    }

    private static void WriteGradients(ParameterStore store, int step)
    {
        foreach (Parameter parameter in Parameters.Take(2))
            store.Write(parameter.Name, ParameterArray.Gradient, Gradient(parameter, step));
    }

    private static double RateOf(int step) => 0.1 / (1 + step);

    private static double[] Values(Parameter parameter) => Numbers(parameter, 1);

    private static double[] Gradient(Parameter parameter, int step) => Numbers(parameter, 2 + step);

    private static double[] Numbers(Parameter parameter, int seed)
    {
        System.Random random = new(seed + parameter.Shape.Count);
        return [.. Enumerable.Range(0, parameter.Shape.Count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static void AssertClose(double[] expected, double[] actual, double bound) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, bound));
}
