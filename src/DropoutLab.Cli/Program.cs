using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Training;

OneDnnBackend.TryCreate(null, out var one, out var reason);
Console.WriteLine(reason);
Backend backend = args[0] == "reference" ? new ReferenceBackend() : one!;
Console.WriteLine(backend.Description);
var network = ConvNetQuick.Create(new(32, 32, 3), 10);
foreach (var rule in args.Skip(2))
{
    using StepBenchmark b = new(network, backend, Enum.Parse<Precision>(args[1]), new DropoutSettings(DropoutRule.Parse(rule)), 100);
    b.Run(10, false);
    b.Run(40, true);
    Console.WriteLine($"{rule} {b.Result()}");
    if (rule == args[^1])
        foreach (var (k, ms) in b.Profile(20)) Console.WriteLine($"{ms,8:f3}  {k}");
}
