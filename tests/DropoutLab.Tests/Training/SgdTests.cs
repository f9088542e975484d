using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class SgdTests
{
    [Theory]
    [InlineData(Precision.Float32, 1, 1e-6)]
    [InlineData(Precision.Float32, 3, 1e-6)]
    [InlineData(Precision.Float64, 2, 1e-14)]
    public void TwoStepsFollowTheFormula(Precision precision, int threads, double bound)
    {
        Parameter[] parameters = [new("a", new Shape(13, 17), 1), new("b", new Shape(3), 1, RateFactor: 2, DecayFactor: 0.5)];
        using ParameterStore store = new(parameters, precision);
        using ManagedThreadTeam team = new(threads);
        SgdUpdate update = new Sgd(Momentum: 0.9, WeightDecay: 0.01).For(store, team);
        foreach (Parameter parameter in parameters)
        {
            store.Write(parameter.Name, ParameterArray.Value, Numbers(parameter, 1));
            store.Write(parameter.Name, ParameterArray.Gradient, Numbers(parameter, 2));
        }

        foreach (double rate in (double[])[0.1, 0.05])
            update.Step(rate);

        foreach (Parameter parameter in parameters)
        {
            double[] w = Numbers(parameter, 1), g = Numbers(parameter, 2), v = new double[w.Length];
            foreach (double rate in (double[])[0.1, 0.05])
            {
                for (int i = 0; i < w.Length; i++)
                {
                    v[i] = 0.9 * v[i] + rate * parameter.RateFactor * (g[i] + 0.01 * parameter.DecayFactor * w[i]);
                    w[i] -= v[i];
                }
            }

            Assert.All(w.Zip(store.Read(parameter.Name, ParameterArray.Value)), pair => Assert.Equal(pair.First, pair.Second, bound));
            Assert.All(v.Zip(store.Read(parameter.Name, ParameterArray.Momentum)), pair => Assert.Equal(pair.First, pair.Second, bound));
        }
    }

    private static double[] Numbers(Parameter parameter, int seed)
    {
        System.Random random = new(seed);
        return [.. Enumerable.Range(0, parameter.Shape.Count).Select(_ => random.NextDouble() - 0.5)];
    }
}
