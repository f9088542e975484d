using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>
/// A source whose data take two places each: plans are made for twice the data, and what is evaluated is a mean over the places.
/// </summary>
public sealed class ViewsTests
{
    [Fact]
    public void PlansHaveAPlaceForEachView()
    {
        TwoViews train = new(count: 5), test = new(count: 7);
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = new(
            new Network("line", new Shape(1), 1, (builder, x) => new Linear("fc1", 1).Apply(builder, x)),
            new MeanSquareError(), new TrainingData("pairs", train, test),
            new TrainingOptions { Optimizer = new Sgd(), LearningRate = 1e-3, BatchSize = 2, Epochs = 1 }, backend);
        trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([(2, 4), (2, 4), (1, 2)], train.Batches);
        Assert.Equal([(7, 14)], test.Batches);
        double w = trainer.Parameters.Read("fc1.weight", ParameterArray.Value)[0];
        double b = trainer.Parameters.Read("fc1.bias", ParameterArray.Value)[0];
        double expected = Enumerable.Range(0, 14).Average(place => Math.Pow(w * place + b - 1, 2));
        Assert.Equal(expected, trainer.Evaluate(test, TestContext.Current.CancellationToken)[Objective.Loss], 1e-3 * expected);
    }

    [Fact]
    public void WhatIsReadOfDataHasEachView() =>
        Assert.Equal([6, 7, 2, 3], new TwoViews(count: 4).Read((int[])[3, 1])[Network.InputName]);

    /// <summary>Datum i is the numbers 2i and 2i + 1, each with the target 1.</summary>
    private sealed class TwoViews(int count) : BatchSource
    {
        public List<(int Data, int Places)> Batches { get; } = [];

        public override string Name => "pairs";

        public override string Unit => "pairs";

        public override int Count => count;

        public override int Views => 2;

        public override IReadOnlyList<BatchInput> Inputs { get; } =
            [new(Network.InputName, new Shape(1)), new(MeanSquareError.TargetValues, new Shape(1), ElementKind.Accumulator)];

        public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws)
        {
            Batches.Add((numbers.Length, batch.BatchSize));
            for (int place = 0; place < batch.BatchSize; place++)
            {
                batch[Network.InputName].Write(place, [2f * numbers.Span[place / 2] + place % 2]);
                batch[MeanSquareError.TargetValues].Write(place, [1f]);
            }
        }
    }
}
